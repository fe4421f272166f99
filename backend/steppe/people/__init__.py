"""Persons, teams, devices, enrolments and sessions."""
