"""`python -m flows.cli`: the command, where its script is not at hand."""

from flows.cli import main

main()
