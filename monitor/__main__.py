"""``python -m monitor`` is the same as ``sanctions-monitor``."""

from monitor.cli.main import main

if __name__ == "__main__":
    main()
