"""One question to PAM, as a program of its own: reads `{"service", "username", "password"}` as JSON from its input.

It ends with 0 if the user is let in, 3 if not, and with anything else if PAM could not be asked. It imports nothing of
the house, so that it starts fast and can run isolated. The calls are those of pam(3) and pam_conv(3).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_void_p, cast, sizeof

LET_IN, REFUSED, UNABLE = 0, 3, 4

_PROMPT_ECHO_OFF = 1
_SUCCESS = 0
_BUFFER_ERROR = 5


class _Message(Structure):
    _fields_ = (("style", c_int), ("text", c_char_p))


class _Response(Structure):
    _fields_ = (("text", c_void_p), ("code", c_int))


_CONVERSATION = CFUNCTYPE(c_int, c_int, POINTER(POINTER(_Message)), POINTER(POINTER(_Response)), c_void_p)


class _Conversation(Structure):
    _fields_ = (("function", _CONVERSATION), ("data", c_void_p))


def ask(service: str, username: str, password: str) -> bool:
    """Whether PAM lets the user in; `OSError` where PAM is not there."""
    pam = ctypes.CDLL(ctypes.util.find_library("pam") or "libpam.so.0")
    libc = ctypes.CDLL(None)
    # PAM frees what it is answered, so that it has to come from C's own heap.
    libc.calloc.restype = libc.strdup.restype = c_void_p

    @_CONVERSATION  # type: ignore[untyped-decorator]
    def answer(count: int, messages: object, responses: object, _data: object) -> int:
        place = libc.calloc(count, sizeof(_Response))
        if not place:
            return _BUFFER_ERROR
        given = cast(place, POINTER(_Response))
        for number in range(count):
            if messages[number].contents.style == _PROMPT_ECHO_OFF:  # type: ignore[index]
                given[number].text = libc.strdup(password.encode())
        responses[0] = given  # type: ignore[index]
        return _SUCCESS

    handle = c_void_p()
    conversation = _Conversation(answer, None)
    if pam.pam_start(service.encode(), username.encode(), byref(conversation), byref(handle)) != _SUCCESS:
        raise OSError("pam_start failed")
    done = pam.pam_authenticate(handle, 0)
    if done == _SUCCESS:
        done = pam.pam_acct_mgmt(handle, 0)
    pam.pam_end(handle, done)
    return bool(done == _SUCCESS)


def main() -> int:
    question = json.load(sys.stdin)
    try:
        return LET_IN if ask(question["service"], question["username"], question["password"]) else REFUSED
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return UNABLE


if __name__ == "__main__":
    sys.exit(main())
