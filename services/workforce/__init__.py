"""Workforce keeps who works where and for whom, and shows whether there are enough people (Standard 2)."""
