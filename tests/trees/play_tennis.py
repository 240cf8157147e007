"""Quinlan's fourteen Saturday mornings (1986), and the same mornings with two columns measured in numbers (1993)."""

import numpy as np
import pandas as pd

NAMES = ["outlook", "temperature", "humidity", "wind"]
MORNINGS = """
sunny hot high weak no 85 85
sunny hot high strong no 80 90
overcast hot high weak yes 83 78
rain mild high weak yes 70 96
rain cool normal weak yes 68 80
rain cool normal strong no 65 70
overcast cool normal strong yes 64 65
sunny mild high weak no 72 95
sunny cool normal weak yes 69 70
rain mild normal weak yes 75 80
sunny mild normal strong yes 75 70
overcast mild high strong yes 72 90
overcast hot normal weak yes 81 75
rain mild high strong no 71 80
"""
ROWS = np.array([line.split() for line in MORNINGS.strip().splitlines()], dtype=object)
PLAY = ROWS[:, 4].astype(str)
WORDS = pd.DataFrame(ROWS[:, :4], columns=NAMES)
NUMBERS = WORDS.assign(temperature=ROWS[:, 5].astype(float), humidity=ROWS[:, 6].astype(float))
