"""What ``sfu --help`` and ``sfu COMMAND --help`` say."""

from __future__ import annotations

from sfu.config import describe

USAGE = """\
Parley: calls with many people, through one small server.

  sfu serve [settings]         run the server
  sfu dev [--tls] [settings]   run it to try it out: --tls for other devices' cameras
  sfu config                   print every setting with its default, as a settings file
  sfu config check FILE        say what is wrong in a settings file
  sfu doctor [settings]        say whether this machine and the settings fit
  sfu rooms [--json]           list the rooms of a running server, and who is in them
  sfu token create [flags]     make a token that lets somebody into a room
  sfu completion SHELL         print the completion for bash, zsh or fish
  sfu COMMAND --help           what a command does and takes
  sfu --version                which version this is
"""
_SETTINGS_HELP = f"""\
A setting is given as a flag, an environment variable or in a settings file; the flag
wins over the variable, which wins over the file.

  --config FILE   (SFU_CONFIG)
      The settings file, in TOML: sfu config prints one. Default: none.

{describe()}
"""
HELP = {
    "serve": f"""\
Usage: sfu serve [settings]

Runs the server until Ctrl+C or SIGTERM. SIGHUP reads the settings again and takes
over what a running server can: log level, keys, limits and the certificate.

{_SETTINGS_HELP}""",
    "dev": f"""\
Usage: sfu dev [--tls] [settings]

Runs the server to try it out, with logs as text. With --tls it listens on every
interface and speaks HTTPS with a certificate of its own, so that phones and other
computers in this network get a camera; their browsers warn once about the certificate.

{_SETTINGS_HELP}""",
    "config": """\
Usage: sfu config
       sfu config check FILE

Prints a settings file in which every setting is explained and has its default as a
comment. With check it names each mistake in FILE with its line; the exit code is 0
when there is none and 1 otherwise.
""",
    "doctor": f"""\
Usage: sfu doctor [--json] [settings]

Says what works on this machine, what does not, and which setting to change, beside a
running server or without one. Give it the settings that the server has. The exit code
is 0 when there is no problem and 1 otherwise; --json prints the same for programs.

{_SETTINGS_HELP}""",
    "rooms": f"""\
Usage: sfu rooms [--url URL] [--json] [settings]

Lists the rooms that somebody is in, and who that is, as a running server tells over its
HTTP API. It shows the first of admin_keys: give it the settings that the server has.

  --url URL   where the server is, if not on this machine at http_port
  --json      for programs, as GET /api/v1/rooms/ROOM of docs/api.md

{_SETTINGS_HELP}""",
    "token": f"""\
Usage: sfu token create --room ROOM --identity ID [flags] [settings]

Prints a token that lets one person into one room of a server with auth = token, and a
link with it. It is signed with the first of api_keys: give it the settings that the
server has. The link is a secret; who has it is that person.

  --room ROOM     which room: 1 to 64 of A-Z a-z 0-9 _ -
  --identity ID   who it is, unique in the room; joining again replaces who is there
  --name NAME     what the others read; without it whoever joins chooses a name
  --host          may mute and remove others, lock the room and end the call
  --viewer        may publish nothing
  --hidden        nobody is told of them; they may publish and write nothing
  --max-participants N, --max-videos N, --no-screen, --audio-only, --lobby
                  what the room is for, if this token opens it (docs/protocol.md)
  --hours N       for how long it lets in, 6 unless given; a call goes on after that
  --url URL       where the page is for everybody, for the link: https://call.example.org

{_SETTINGS_HELP}""",
    "completion": """\
Usage: sfu completion bash|zsh|fish

Prints a script for the shell. Put into its start file one of:
  source <(sfu completion bash)
  source <(sfu completion zsh)
  sfu completion fish | source
""",
}
