"""Tests of dashboard.cloud."""
