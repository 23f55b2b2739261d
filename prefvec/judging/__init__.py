"""A judge: a language model that marks answers by a rubric, and must first prove that it can.

`sheets` write what a judge reads, `judge` is what any judge does (`openai_judge` asks a server,
`local_judge` a model in memory), `bench` pays for each reply once and keeps it in `replies`, and
`marks` are read from replies. `card` holds a judge against answers whose pole is known; `accuracy`,
`biases` and `failures` are its parts, and `scripted` has judges whose faults are known, which a
card must find. `correction` takes the judge's errors out of an effect.
Importing this loads neither a model library nor a client.
"""
