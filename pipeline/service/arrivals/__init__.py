"""What lies in the inbox: whole, recognised, taken, held back or returned."""
