"""What must hold at each border: expectations compiled from contracts, and the verdict of each gate."""
