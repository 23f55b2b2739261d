"""A server on this machine that speaks OpenAI's chat completions, around a transformers model.

It is a server as any other: requests come over a socket, the model's own chat template is applied,
and the likeliest tokens are told with their log-probabilities. How it may misbehave is stated.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch


@dataclass
class Manners:
    """What a server does not do, or not at once.

    Attributes:
        limited: requests that are refused first, as too many (429).
        logprobs: whether it gives log-probabilities; else it refuses to be asked for them.
        silent: takes the question for log-probabilities and does not answer it.
        max_tokens: whether it knows that name.
        key: the key that it wants, if any.
        seen: every request that came, with its path.
    """

    limited: int = 0
    logprobs: bool = True
    silent: bool = False
    max_tokens: bool = True
    key: str | None = None
    seen: list = field(default_factory=list)


@contextmanager
def serving(model, manners: Manners | None = None) -> Iterator[str]:
    """The address of a server around a model, as long as the block lasts."""
    told = manners or Manners()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            """Says nothing."""

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                told.seen.append((self.path, body))
                status, reply, headers = _answer(model, told, body, self.headers)
            content = json.dumps(reply).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(model, told, body, headers):
    if told.key is not None and headers.get("Authorization") != f"Bearer {told.key}":
        return 401, _error("Incorrect API key provided"), {}
    if told.limited > 0:
        told.limited -= 1
        return 429, _error("Rate limit reached"), {"retry-after-ms": "5"}
    if "max_tokens" in body and not told.max_tokens:
        return 400, _error("Unsupported parameter: use 'max_completion_tokens' instead."), {}
    if body.get("logprobs") and not told.logprobs:
        return 400, _error("logprobs are not supported by this model"), {}
    return 200, _completion(model, body, told), {}


def _error(message):
    return {"error": {"message": message, "type": "invalid_request_error"}}


@torch.inference_mode()
def _completion(model, body, told):
    """A reply, greedy or sampled, token by token."""
    tokenizer = model.tokenizer
    text = tokenizer.apply_chat_template(
        _spoken(body["messages"], model), tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    dice = torch.Generator().manual_seed(body.get("seed", 0))
    content, said = [], []
    for _ in range(body.get("max_tokens") or body.get("max_completion_tokens")):
        logits = model.network(input_ids=torch.tensor([ids + said])).logits[0, -1].double()
        logprobs = torch.log_softmax(logits, -1)
        if body["temperature"] == 0:
            token = int(logprobs.argmax())
        else:
            weights = torch.softmax(logits / body["temperature"], -1)
            token = int(torch.multinomial(weights, 1, generator=dice))
        if token in model.end_ids:
            break
        said.append(token)
        content.append(_position(tokenizer, token, logprobs, body.get("top_logprobs", 0)))
    told_logprobs = body.get("logprobs") and not told.silent
    return {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": tokenizer.decode(said)},
                "logprobs": {"content": content} if told_logprobs else None,
            }
        ],
    }


def _spoken(messages, model):
    """The messages, with the system's folded into the user's where the template knows no other."""
    if model.dialect.system_role:
        return messages
    system, user = (message["content"] for message in messages)
    return [{"role": "user", "content": f"{system}\n\n{user}"}]


def _position(tokenizer, token, logprobs, count):
    def told(each, value):
        text = tokenizer.decode([each])
        return {"token": text, "logprob": value, "bytes": list(text.encode())}

    top = logprobs.topk(count) if count else None
    pairs = [] if top is None else zip(top.indices.tolist(), top.values.tolist(), strict=True)
    return {
        **told(token, float(logprobs[token])),
        "top_logprobs": [told(each, value) for each, value in pairs],
    }
