import sys

from steelyard.commands import main

sys.exit(main())
