import pytest

from isocortex.cli import main


@pytest.fixture
def command(capsys):
    """Run a command: its exit code, what it printed, and what it complained of."""

    def run(*arguments):
        code = 0
        try:
            main([str(each) for each in arguments])
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
