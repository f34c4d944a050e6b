"""What carries Calls to upstreams."""
