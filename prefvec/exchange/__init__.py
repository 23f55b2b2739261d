"""Vectors that come and go: files that other tools read, and vectors that they wrote.

`export` writes a vector for another tool, at a dose, and says how it is used there; `foreign` reads
what another tool wrote, by a convention that is named and never guessed. The layouts stand one in a
file: `gguf_file` has the container, `control_vectors` what llama.cpp and its kin keep in one,
`llama_cpp_rules` what llama.cpp refuses, `block_files` what is kept by torch or in safetensors.
`judged` finds the dose and the verdict of a vector in the record of a run.
"""
