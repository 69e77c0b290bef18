"""What the models of DiffC were fitted to: tables, weights, and the scripts and cards of them."""
