"""Models, loaded and spoken to: checkpoints and where they lie, blocks, dialects, fingerprints.

`language_model` holds `LanguageModel`, `load` and `assemble`; `registry` what a name means;
`dialect` and `turns` how a prompt becomes tokens. Nothing is imported here, so that the registry
can be read without torch.
"""
