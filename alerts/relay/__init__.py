"""Alertmanager's webhook -> group robots of WeCom, DingTalk and Feishu: nothing lost, never more than they allow."""
