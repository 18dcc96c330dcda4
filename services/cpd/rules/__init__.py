"""What people are entitled to, have learned and must show: pure rules over plain values."""
