"""Paired measurements. They print figures and judge nothing: what is fast enough is for a reader to say."""
