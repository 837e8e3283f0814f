"""How resources are shown and acted on, whatever they are: panels and the views that serve them."""
