"""What a person reads: report page, plots, model card."""
