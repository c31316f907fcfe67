"""The command ``--install-completion``."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cyclopts import App


def add_completion(app: "App") -> None:
    """Give the application its command for completion in shells."""

    def install(
        *,
        shell: Literal["zsh", "bash", "fish", "powershell"] | None = None,
        output: Path | None = None,
    ) -> None:
        """Teach your shell to complete commands and options.

        Example: for the shell that this runs in, at the place where it looks.

            isocortex --install-completion

        Without `--output`, the file with which the shell starts (such as ~/.bashrc) gets a line
        that loads the completion. With it, that one file is written, and nothing else touched.

        Parameters
        ----------
        shell
            bash, zsh, fish or powershell; default the one that this runs in.
        output
            Where to write the completion; load it yourself, such as by `source FILE`.
        """
        from cyclopts.completion.detect import ShellDetectionError

        from isocortex.cli._show import say, show_written
        from isocortex.errors import InputError

        try:
            path = app.install_completion(shell=shell, output=output, add_to_startup=output is None)
        except ShellDetectionError:
            known = "bash, zsh, fish or powershell"
            raise InputError(
                f"It cannot be told which shell this is; say --shell {known}."
            ) from None
        show_written(completion=path)
        if output is None:
            say("It works in new shells.")

    app.command(install, name="--install-completion")
