"""Channels: how people are told what changed."""
