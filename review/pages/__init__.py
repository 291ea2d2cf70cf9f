"""One slice per page: how it is read from the store, its typed context, its address."""
