#!/bin/sh
# empty OUT: leaves an output without content.
exec touch -- "$1"
