"""`python -m rdtheory`: the same as the `rdtheory` command."""

from rdtheory.cli import main

raise SystemExit(main())
