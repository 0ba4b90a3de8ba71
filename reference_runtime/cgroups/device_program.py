"""A program in the kernel that decides about accesses to devices (BPF_PROG_TYPE_CGROUP_DEVICE).

It is called with a `struct bpf_cgroup_dev_ctx`, three words: type and wanted access, major, minor. It returns 1 to allow
and 0 to deny. The numbers are those of the kernel's include/uapi/linux/bpf.h.
"""

from __future__ import annotations

import struct
import sys

from reference_runtime import syscalls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_TYPES = {"b": 1, "c": 2}
_ACCESSES = {"m": 1, "r": 2, "w": 4}

_PROG_TYPE_CGROUP_DEVICE = 15
_CGROUP_DEVICE = 6
_ALLOW_MULTI = 2

# No device has a larger number, and no constant of an instruction is larger.
_LARGEST = 0x7FFFFFFF

# Registers: what is returned, what the kernel gives, and what this program keeps.
_RESULT, _CONTEXT, _TYPE, _WANTED, _MAJOR, _MINOR, _SCRATCH = range(7)

# Operations: on 32 bits, with a constant or a register.
_LOAD_WORD = 0x61
_MOVE = 0xB4
_COPY = 0xBC
_AND = 0x54
_SHIFT_RIGHT = 0x74
_IF_EQUAL = 0x15
_IF_NOT_EQUAL = 0x55
_EXIT = 0x95

Instruction = tuple[int, int, int, int, int]


def _instruction(code: int, target: int = 0, source: int = 0, offset: int = 0, constant: int = 0) -> Instruction:
    return code, target, source, offset, constant


def assembled(rules: Iterable[dict[str, Any]]) -> list[Instruction]:
    """The program for rules in order: what the last one that is about an access says of it holds.

    An access can be for more than one thing, such as to read and to write; all of them have to be allowed.
    """
    program = [
        _instruction(_LOAD_WORD, _TYPE, _CONTEXT, 0),
        _instruction(_COPY, _WANTED, _TYPE),
        _instruction(_SHIFT_RIGHT, _WANTED, constant=16),
        _instruction(_AND, _TYPE, constant=0xFFFF),
        _instruction(_LOAD_WORD, _MAJOR, _CONTEXT, 4),
        _instruction(_LOAD_WORD, _MINOR, _CONTEXT, 8),
    ]
    for rule in reversed(list(rules)):
        program += _block(rule)
    return [*program, *_return(0)]


def _block(rule: dict[str, Any]) -> list[Instruction]:
    numbers = [number for number in (rule["major"], rule["minor"]) if number is not None]
    if any(number > _LARGEST for number in numbers):
        return []
    access = sum(_ACCESSES[letter] for letter in set(rule["access"]))
    if rule["allow"]:
        # What is left of the access is for the rules before this one.
        decision = [_instruction(_AND, _WANTED, constant=~access), _instruction(_IF_NOT_EQUAL, _WANTED, offset=2)]
    else:
        decision = [
            _instruction(_COPY, _SCRATCH, _WANTED),
            _instruction(_AND, _SCRATCH, constant=access),
            _instruction(_IF_EQUAL, _SCRATCH, offset=2),
        ]
    block = [*decision, *_return(int(rule["allow"]))]
    for register, wanted in ((_MINOR, rule["minor"]), (_MAJOR, rule["major"]), (_TYPE, _TYPES.get(rule["type"]))):
        if wanted is not None:
            block.insert(0, _instruction(_IF_NOT_EQUAL, register, offset=len(block), constant=wanted))
    return block


def _return(value: int) -> list[Instruction]:
    return [_instruction(_MOVE, _RESULT, constant=value), _instruction(_EXIT)]


def encoded(program: Iterable[Instruction]) -> bytes:
    """The instructions as the kernel wants them: each a `struct bpf_insn`."""
    first, second = (0, 4) if sys.byteorder == "little" else (4, 0)
    return b"".join(
        struct.pack("=BBhi", code, target << first | source << second, offset, constant)
        for code, target, source, offset, constant in program
    )


def load(program: list[Instruction]) -> int:
    """A descriptor of the program, loaded into the kernel."""
    return syscalls.bpf_prog_load(_PROG_TYPE_CGROUP_DEVICE, encoded(program))


def attach(program: int, cgroup: int) -> None:
    """Have the kernel call it for a cgroup; those that are attached there, or above, are called as well."""
    syscalls.bpf_prog_attach(program, cgroup, _CGROUP_DEVICE, _ALLOW_MULTI)
