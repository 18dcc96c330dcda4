-- One database per service, and one for Keycloak.
create database plumbline_workforce;
create database plumbline_allocation;
create database plumbline_supervision;
create database plumbline_registration;
create database plumbline_cpd;
create database plumbline_safety;
create database plumbline_feedback;
create database plumbline_accountability;
create database keycloak;
