"""Monte-Carlo experiments that check the theory with real bits: one a file, and a registry."""
