"""The register: every normative statement that the suite knows, one TOML file for each document."""
