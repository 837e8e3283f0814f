"""The panels, one folder each. PANELS is the only register: menu, URLs and tests follow from it."""
