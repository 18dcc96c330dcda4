"""Tests of the whole: journeys, contracts, faults and the shape of the source."""
