"""The paper: numbers and tables from figures' data, claims with their tests, and the build."""
