"""Unified limits: what Keystone keeps for services that ask it how much a project may have."""
