"""The operator's screen: the last part at a glance, and what people say of parts."""
