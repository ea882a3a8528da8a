import argparse
p = argparse.ArgumentParser()
p.add_argument("first"); p.add_argument("second", type=int)
