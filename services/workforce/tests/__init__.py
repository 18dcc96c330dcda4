"""Tests of the workforce service."""
