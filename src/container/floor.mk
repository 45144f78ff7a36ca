# container
