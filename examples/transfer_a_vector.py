"""A verbosity vector, found in one model, carried into another: ten lines and what they show.

    python examples/transfer_a_vector.py

The two models are organisms, miniature models that come with the package and know nothing but a
small world, so questions and instructions are in its words. With real models, load "owner/name"
and ask what you like.
"""

from textwrap import shorten

import prefvec as pv
from prefvec.organisms.world_questions import prompts_of

questions, unseen = prompts_of("extraction", 24), prompts_of("test", 24)
asking = ["", "Answer thoroughly.", "", "Answer concisely."]
others = [p.instructed(asking[i % 4]) for i, p in enumerate(prompts_of("adapter", 100))]

source, target = pv.load("mini-mistral"), pv.load("mini-llama")
vector = pv.extract(
    source, questions, more=["Answer exhaustively."], less=["Answer with the bare minimum."]
)
answers = pv.answer(source, unseen, vector, coefficients=(-1, 0, +1))

texts = pv.answer(source, others)  # what both models read: other questions, other words
adapter = pv.fit_adapter(source, target, texts)
carried = adapter.transport(vector)
transferred = pv.answer(target, unseen, carried, coefficients=(-1, 0, +1))

for name, found in ((source.name, answers), (f"{target.name}, carried", transferred)):
    print(f"\n{name}\n{found.summary()}")
    for coefficient in found.coefficients:
        print(f"  {coefficient:+g}  {shorten(found.at(coefficient)[1].text, 150)}")
