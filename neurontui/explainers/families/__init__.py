"""One module a family of operations; every module here is imported when the first explanation is asked for."""
