"""Papermill's engine "nbwarm". Papermill imports this while it is being imported itself, so nothing else is here."""


class WarmEngine:
    """Runs a notebook in a forked kernel; `warm=False` takes an ordinary one, with the same limits and statuses.

    Options beyond papermill's: those of `nbwarm.notebook.NotebookClient`, such as `time_limit` (seconds)
    and `memory_limit` (bytes) for the whole notebook, and `keep`, a list that receives the notebook.
    """

    @staticmethod
    def execute_notebook(*arguments, **options):
        """The executed notebook."""
        return _engine().execute_notebook(*arguments, **options)

    @staticmethod
    def nb_kernel_name(*arguments):
        """Name of the kernel that the notebook asks for."""
        return _engine().nb_kernel_name(*arguments)

    @staticmethod
    def nb_language(*arguments):
        """The notebook's language."""
        return _engine().nb_language(*arguments)


def _engine():
    from nbwarm.notebook import NotebookEngine

    return NotebookEngine
