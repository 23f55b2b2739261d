"""A judge behind any server that speaks the chat completions of OpenAI."""

import importlib
import importlib.util
import os
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from prefvec.judging.judge import Asking, JudgeError, Reply

KEY = "OPENAI_API_KEY"
"""The environment variable that holds the key; servers on loopback need none."""
RETRIES = 6
"""Times that a refused or broken request is sent again: the client waits longer each time, and as
long as a server that limits rates asks it to."""
AT_ONCE = 8
"""Requests on their way at the same time."""
PATIENCE = 600.0
"""Seconds for one request. A server such as llama.cpp's replies to one at a time, on a processor in
seconds each: a request that is given up meanwhile has waited in vain, and is sent again."""
_TOKENS = 5
"""Of a reply: a mark, and enough to see whether it goes on."""
_OPENING = string.whitespace + "*_`\"'([{"
"""What may stand before a mark."""
_LIKELIEST = 20
"""Tokens whose log-probabilities are asked for: as many as servers give."""


class OpenAIJudge:
    """Asks a server through the official client.

    What a server does not know is left out from then on: log-probabilities, and the older of two
    names for the most tokens of a reply.

    Args:
        url: the address up to and with its version, e.g. "http://127.0.0.1:8080/v1".
        model: what the server calls it.
        environment: where the key is read from.
        timeout: seconds for one request, the time that it waits for others included.

    Raises:
        JudgeError: if the client is not installed, or a server elsewhere would need a key.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        environment: Mapping[str, str] = os.environ,
        timeout: float = PATIENCE,
        retries: int = RETRIES,
    ) -> None:
        if importlib.util.find_spec("openai") is None:
            raise JudgeError(
                "A judge behind a server is asked through the client openai, which is not "
                "installed. Run `pip install 'prefvec[judge]'`."
            )
        self._openai: Any = importlib.import_module("openai")
        self.name = f"{model} at {url.rstrip('/')}"
        self._model = model
        self._client: Any = self._openai.OpenAI(
            base_url=url,
            api_key=_key(url, environment),
            max_retries=retries,
            timeout=timeout,
        )
        self._cap = "max_tokens"
        self._tells_logprobs = True

    def replies(self, askings: Sequence[Asking]) -> Iterator[tuple[Asking, Reply]]:
        """Reply to each, several at once; the first alone, to learn what the server knows.

        After a failure nothing more is asked, and what is on its way is waited for and given.

        Args:
            askings: one at least.

        Raises:
            JudgeError: if the server cannot be reached or refuses what is asked.
        """
        yield askings[0], self._reply(askings[0])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = {pool.submit(self._reply, asking): asking for asking in askings[1:]}
            failed: BaseException | None = None
            try:
                for done in as_completed(asked):
                    if done.cancelled():
                        continue
                    error = done.exception()
                    if error is None:
                        yield asked[done], done.result()
                    elif failed is None:
                        failed = error
                        _cancel(asked)
            finally:
                _cancel(asked)
        if failed is not None:
            raise failed

    def _reply(self, asking: Asking) -> Reply:
        """One reply, without what the server refuses to be asked for."""
        while True:
            told, cap = self._tells_logprobs, self._cap
            try:
                return reply_of(self._complete(asking, told, cap))
            except self._openai.BadRequestError as error:
                said = str(error)
                if cap == "max_tokens" and "max_completion_tokens" in said:
                    self._cap = "max_completion_tokens"
                elif told and "logprob" in said:
                    self._tells_logprobs = False
                else:
                    raise self._failure(error) from error
            except self._openai.OpenAIError as error:
                raise self._failure(error) from error

    def _complete(self, asking: Asking, logprobs: bool, cap: str) -> Any:
        asked: dict[str, Any] = {cap: _TOKENS, "temperature": asking.temperature}
        if logprobs and asking.temperature == 0:
            asked |= {"logprobs": True, "top_logprobs": _LIKELIEST}
        if asking.temperature > 0:
            asked["seed"] = asking.sample
        return self._client.chat.completions.create(
            model=self._model,
            messages=[
                {"role": "system", "content": asking.sheet.system},
                {"role": "user", "content": asking.sheet.user},
            ],
            **asked,
        )

    def _failure(self, error: Exception) -> JudgeError:
        return JudgeError(
            f"The judge {self.name} cannot be asked ({type(error).__name__}: {error}). Check "
            f"--judge, --judge-model and the key in {KEY}. What was paid for is kept."
        )


def _cancel(futures: Iterable[Future[Reply]]) -> None:
    """Ask for no more; what is on its way comes back."""
    for future in futures:
        future.cancel()


def _key(url: str, environment: Mapping[str, str]) -> str:
    """The key; any word will do for a server on this machine."""
    key = environment.get(KEY, "")
    here = any(f"//{host}" in url for host in ("127.0.0.1", "localhost", "[::1]"))
    if not key and not here:
        raise JudgeError(
            f"The server {url} is not on this machine and will want a key, and the environment "
            f"has none. Put it into {KEY}; it is written nowhere."
        )
    return key or "none"


def reply_of(completion: Any) -> Reply:
    """What is kept of a reply: its text, the tokens where the mark stands, and all of it.

    The mark stands at the first token that is more than space, emphasis or an opening bracket:
    "**4**" is a mark, too.
    """
    choice = completion.choices[0] if completion.choices else None
    raw = completion.model_dump_json()
    if choice is None:
        return Reply(text="", raw=raw)
    content = choice.logprobs.content if choice.logprobs is not None else None
    said = [position for position in content or () if position.token.strip(_OPENING)]
    logprobs = None
    if said and said[0].top_logprobs:
        logprobs = tuple((each.token, float(each.logprob)) for each in said[0].top_logprobs)
    return Reply(text=choice.message.content or "", logprobs=logprobs, raw=raw)
