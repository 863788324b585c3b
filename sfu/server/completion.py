"""What bash, zsh and fish complete after ``sfu``: scripts made from the commands and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sfu.config import FILE_FLAG, SCHEMA
from sfu.schema import Setting

SHELLS = ("bash", "zsh", "fish")

# What each command is for, which words may follow it, and which flags of its own it has.
Commands: TypeAlias = Mapping[str, "tuple[str, Sequence[str], Sequence[str]]"]


def script(shell: str, commands: Commands, with_settings: Sequence[str]) -> str:
    """The completion script for ``shell``; the commands ``with_settings`` take every setting."""
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return make(commands, with_settings)


def _bash(commands: Commands, with_settings: Sequence[str]) -> str:
    cases = []
    for name, (_meaning, words, own) in commands.items():
        flags = [*own, "--help"]
        if name in with_settings:
            flags += [FILE_FLAG, *(setting.flag for setting in SCHEMA.values())]
        cases.append(f'    {name}) words="{" ".join([*words, *flags])}" ;;')
    choices = [
        f'    {setting.flag}) COMPREPLY=($(compgen -W "{" ".join(setting.words)}" -- "$word"))'
        "; return ;;"
        for setting in SCHEMA.values()
        if setting.words
    ]
    files = "|".join([FILE_FLAG, *(setting.flag for setting in SCHEMA.values() if setting.is_path)])
    return "\n".join(
        [
            "# bash completion for sfu: source <(sfu completion bash)",
            "_sfu() {",
            '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=',
            # The sign is a word of its own there.
            '  if [ "$before" = = ]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi',
            '  if [ "$word" = = ]; then word=; fi',
            '  if [ "$COMP_CWORD" -eq 1 ]; then',
            f'    COMPREPLY=($(compgen -W "{" ".join(commands)} --help --version" -- "$word"))',
            "    return",
            "  fi",
            '  case "$before" in',
            f'    {files}) COMPREPLY=($(compgen -f -- "$word")); return ;;',
            '    check) COMPREPLY=($(compgen -f -- "$word")); return ;;',
            *choices,
            "  esac",
            '  case "${COMP_WORDS[1]}" in',
            *cases,
            "  esac",
            '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
            "}",
            "complete -o filenames -F _sfu sfu",
            "",
        ]
    )


def _zsh(commands: Commands, with_settings: Sequence[str]) -> str:
    lines = [
        "#compdef sfu",
        "# zsh completion for sfu: source <(sfu completion zsh)",
        "_sfu() {",
        "  if (( CURRENT == 2 )); then",
        "    local -a commands=(",
        *(f"      {_quoted(f'{name}:{what[0]}')}" for name, what in commands.items()),
        "    )",
        "    _describe command commands",
        "    return",
        "  fi",
        "  local -a settings=(",
        f"    {_quoted(f'{FILE_FLAG}=[the settings file]:file:_files')}",
        *(f"    {_quoted(_zsh_setting(setting))}" for setting in SCHEMA.values()),
        "  )",
        "  case $words[2] in",
    ]
    for name, (_meaning, words, own) in commands.items():
        parts = [_quoted(f"{flag}[]") for flag in (*own, "--help")]
        if words:
            parts.append(_quoted(f"2:what:({' '.join(words)})"))
        if "check" in words:
            parts.append(_quoted("3:file:_files"))
        if name in with_settings:
            parts.append("$settings")
        lines.append(f"    {name}) _arguments {' '.join(parts)} ;;")
    lines += ["  esac", "}", "compdef _sfu sfu", ""]
    return "\n".join(lines)


def _zsh_setting(setting: Setting) -> str:
    # Brackets and colons mean something there.
    meaning = _first_sentence(setting).translate(str.maketrans("[]:", "(),"))
    values = "_files" if setting.is_path else f"({' '.join(setting.words)})"
    return f"{setting.flag}=[{meaning}]:value:{values}"


def _fish(commands: Commands, with_settings: Sequence[str]) -> str:
    lines = [
        "# fish completion for sfu: sfu completion fish | source",
        "complete -c sfu -f",
        "complete -c sfu -l help -d 'What there is'",
        "complete -c sfu -n __fish_use_subcommand -l version -d 'Which version this is'",
    ]
    for name, (meaning, words, own) in commands.items():
        lines.append(f"complete -c sfu -n __fish_use_subcommand -a {name} -d {_quoted(meaning)}")
        seen = f"'__fish_seen_subcommand_from {name}'"
        lines += [f"complete -c sfu -n {seen} -a {word}" for word in words]
        lines += [f"complete -c sfu -n {seen} -l {flag[2:]}" for flag in own]
        if "check" in words:
            lines.append("complete -c sfu -n '__fish_seen_subcommand_from check' -F")
    seen = f"'__fish_seen_subcommand_from {' '.join(with_settings)}'"
    lines.append(f"complete -c sfu -n {seen} -l {FILE_FLAG[2:]} -r -F -d 'The settings file'")
    for setting in SCHEMA.values():
        values = "-r -F" if setting.is_path else f"-x -a '{' '.join(setting.words)}'"
        lines.append(
            f"complete -c sfu -n {seen} -l {setting.flag[2:]} {values} "
            f"-d {_quoted(_first_sentence(setting))}"
        )
    return "\n".join([*lines, ""])


def _first_sentence(setting: Setting) -> str:
    """Up to the first stop: these lists have one line each."""
    return setting.meaning.partition(". ")[0].partition("; ")[0].partition(": ")[0].rstrip(".")


def _quoted(text: str) -> str:
    """``text`` in single quotes, without those that it has."""
    return "'" + text.replace("'", "’") + "'"
