"""Every long-lived process that is not the pipeline."""
