"""Tests of dashboard.panels."""
