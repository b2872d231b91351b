// Nothing to call: icudt.c is for the linker.
