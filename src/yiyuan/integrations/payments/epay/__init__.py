"""EPay (易支付) in its two versions."""
