"""Services: the steps of the system, callable from any process; models and engines are cached per process here."""
