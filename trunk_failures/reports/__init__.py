"""Reports: what people read of what was decided."""
