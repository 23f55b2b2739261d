"""From a stated claim to what was measured for it.

The road, in the order in which it is walked: a `Claim` of one kind (`claims`) about a `Pair` of
models is handed to `measuring.measure`, a function for each kind. That asks `Arms` of the claim's
trait for what vectors do to the test prompts: a model's own (`native_arms`), another model's
(`carried_arms`) and controls (`control_arms`), all at the target's judged cell (`cells`) and at one
disturbance (`dosing`). `Readings` has both models read the rows of a `Regime` and fits adapters to
them. The `Lab` has models answer and read, one model in memory at a time (`shelf`). `Memory` keeps
what was measured from run to run, and `records` tells it to the report.

What models are asked about is a `Subject`: the small world of the organisms, or open questions.
`explorations` are exploratory studies with one contrast each.

Nothing is imported here, so that a claim can be stated without torch.
"""
