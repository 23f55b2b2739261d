"""Prompts become answers: decoding in batches, common noise, a store that keeps what was written.

`requests` holds `generate` and `Request`, `noise` `Sampling`, `store` `CompletionStore`,
`perplexity` what an unsteered model makes of an answer, and `teacher_forcing` what a steered one
does. Nothing is imported here, so that the store can be opened without torch.
"""
