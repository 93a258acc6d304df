"""What learners say of answers."""
