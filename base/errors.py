"""Every error of the project, with its number.

An error says what happened, where, what was expected (unit, range) and what to
do. Its number stands in docs/error-codes.md, so that it can be looked up on a
box without a network. Each class also inherits the builtin it refines.

    GonogoError 100
      StationFileError 110     the station file, all findings at once
      UnknownDriver 120        a driver name that no table holds
      MissingExtra 121         a driver whose package is not installed
      NotSimulated 122         a PLC or photo-eye that the PLC simulator cannot stand for
      CameraError 200          a camera cannot be opened or has failed
        FrameTimeout 201       no frame before its time
        FrameInvalid 202       a frame arrived that cannot be trusted
        CameraHeld 203         a camera that another client controls
        CameraLinkError 204    this box, or the way to it, does not take a camera's frames
      ImageFileError 210       an image file that no camera can replay
      TrustFileError 220       what a view has learnt of good pictures cannot be used
      TrustLearnError 221      pictures from which a view cannot learn
      OpticsWarning 222        dead pixels or dust: a warning alone, nothing ends on it
      GpioError 230            a GPIO chip cannot be asked, or does not give a line as we want it
        GpioAbsent 231         a chip or line that is not there
        GpioHeld 232           a line that another program has
        GpioNotPermitted 233   a chip that this user may not open
      BoardWarm 240            the box is warm, or slowed down: a warning alone, nothing ends on it
      BoardHot 241             too hot for its engine: the rules judge until it is cooler
      JetsonStatsSilent 242    jetson-stats is installed, and its service does not answer
      BoardZoneUnknown 243     a zone of temperature that this box does not have
      ModelError 300           a model file that cannot judge parts
        NotProven 301          no INT8 form of it ranks parts as its FP32 form does
          BudgetSpent 313      none of those that were tried until the time for it was over
        OtherFormat 302        no ONNX model, or not a whole one
        RoomShort 303          more memory than this box has left
        BatchBaked 304         it judges several images at once, and cannot be made to judge one
        OtherKind 305          a model of another kind, or outputs that may be read in two ways
        ClassesUnsaid 306      which of its classes are defects is not told
        ReferenceDiffers 307   it does not score pictures as its training tool did
        ReferenceUnusable 308  a table of the training tool's scores that is of no use
        WeakModel 309          in FP32 already it does not tell good parts from bad ones
        LayersUnsupported 372  TensorRT's parser does not take its layers
        PlanNotBuilt 373       TensorRT builds no plan of it
        PlanMismatch 376       the plan has other inputs and outputs than the model
      BackendError 310         an inference backend failed
        AcceleratorLost 312    the device behind a backend is gone
        CudaError 360          CUDA refused a call
          CudaDriverAbsent 361   no NVIDIA driver, or only a stand-in for it
          CudaDriverTooOld 362   a driver that what is installed does not run on
          CudaDeviceAbsent 363   a driver without a device
          CudaMemoryFull 364     no memory left on the device
        TensorRtMissing 370    TensorRT cannot be imported, or lacks what is needed of it
        TensorRtVersion 371    a TensorRT older or newer than those that are known
        TensorRtRefused 374    a call that TensorRT answers with None, False or names
        PlanRefused 375        a plan that the TensorRT that built it does not take
      EngineTimeout 311        an engine did not get ready, or did not answer, in time
      BundleError 320          a bundle file that cannot be used
        BundleDamaged 321      bytes are missing, added or changed
        BundleManifestError 322  a manifest that says what it must not
        BundleUntrusted 323    nobody whom this box trusts has signed it
        BundleExpired 324      its time is over, or has not come
        BundleTooNew 325       it wants a newer gonogo
        BundleTooLarge 326     larger than this box takes
      EngineNotThere 327       a start waits for an engine
      FileNotThere 328         a start waits for another file or folder
      MountNotThere 329        a start waits for a disk
      KeyFileError 330         a key file that cannot be used or written
      RegistryError 340        the folder of installed engines
        RegistryFull 341       no room for another engine
        EngineNotInstalled 342 an engine or version that is not there
        EngineInUse 343        an engine that must stay
      EngineChangeError 350    an exchange of engines that cannot be had now
        LoadHung 351           an engine that was not loaded within its time
        HostLost 352           the process that loaded it ended
        ShadowMissing 353      not judged by it in shadow often enough
        SwitchRefused 354        the line did not change to it
        EngineWentBack 355     it judged, and the former one judges again
        LoaderRestarted 356    the loader ended on its way
      HailoMissing 380         HailoRT is not installed (a MissingExtra)
        HailoVersionError 381  its parts are of different releases
        HailoNumpyError 382    it is made for another numpy
        HailoNoChip 383        no chip is found
        HailoTaken 384         another process has the chip
      HefError 385             a HEF that this chip, or this station, does not take (a ModelError)
      HailoFailed 386          HailoRT failed in a way that has no number of its own (BackendError)
      LinkError 400            the PLC link failed
        LinkRefused 401        the PLC answered and said no
        LinkSilent 402         the PLC did not answer in time
        ProbeRefused 403       a PLC that cannot be tried by hand now
        AnotherDevice 404      another device writes the station's words in the PLC
        HostUnknown 405        a host name that leads nowhere, or not in time
        PortNotPermitted 411   a port that needs a right which this process lacks
        EjectorFault 420       the station's own ejector does not do what it is told
      PortInUse 410            a port that another program holds
      SegmentError 500         shared memory cannot be made or mapped
        StationRunning 501     a second instance of one station
        RuntimeDirError 502    the private directory for all that cannot be had
        ForeignMemory 503      somebody else made it, or may touch it
      NoFence 505              nothing keeps the order of shared memory on this box
      FenceBroken 506          what is to keep it does not
      ProcessFailed 510        a process of the station ended on its own
      WatchdogError 520        the hardware watchdog cannot be had
      FaultError 530           a fault that cannot be injected as asked
      ControlError 540         a command that the running station did not take
        OutputRefused 508      an output that is not forced now, or never
        MasterPartRefused 541  a master part that the station cannot be shown now
      MasterPartFileError 550  what is kept of the master parts cannot be used
      RecordsError 600         the traceability database
        RecordsUnreadable 601  it cannot be read, or does not hold what was asked for
        RecordsBusy 602        another program holds it
        RecordsDamaged 603     it is damaged, and was set aside
        RecordsLeft 604        a run whose rows are not all in it
        RecordsNewer 605       a newer gonogo wrote it
        NoSuchPart 606         no part has that number, or none at that time
        ParquetMissing 607     no Parquet file can be written here
        DispositionsError 631  the file of what people said of parts cannot be used
          DispositionsDamaged 632  it is damaged: nothing is written into it, nothing set aside
          DispositionsNewer 633  a newer gonogo wrote it
          DispositionsHeld 634   it takes no row now: a full disk, no right, another program
        DriftStateError 615    charts of drift that cannot be read: LEARNING anew
        DriftWarning 616       a chart left its limits: a warning alone, nothing ends on it
        DriftRefused 628       a reference that cannot be begun anew as asked
        DriftBehind 629        the charts are behind the records: a warning alone
        DriftOdd 645           scores or embeddings that no chart can take: a warning alone
      DispositionRefused 613   somebody else said something of that part meanwhile
      DispositionUnfit 614     a word that does not fit: the verdict, the code, the person
      ExportError 619          no pictures can be exported as asked
        ExportTaken 638        a folder that holds something else
        ExportNoRoom 639       not enough space on its disk
        ExportNotWritten 640   it was broken off: the same call goes on
        ExportChanged 641      a finished one that is not as it was written
      LogError 610             the log that a station keeps of its messages
        LogUnreadable 611      it cannot be read, or none is kept
        LogUnwritable 612      it cannot be written: messages go to stderr alone
      PicturesMissed 620       parts without the picture that they should have: a warning alone
        PicturesNotWritten 621 the folder of pictures takes none: a warning alone
      RingShort 622            a frame ring that comes round before it is copied: a warning alone
      LotUnfit 623             a name that no lot can have
      LotNotKept 624           which lot begins cannot be written down
      AuditError 625           the audit trail cannot be read
        AuditBroken 626        it is not as it was written
        AuditNotWritten 627    a change of which it has no row
      MetricsPortTaken 630     the figures cannot be served where the station file says
      ConsoleError 650         the technician's console could not do something
        ConsolePortError 651   its port is missing, taken, not permitted or gone
        CommandUnknown 652     a line that is no command, or lacks something
        CommandDenied 653      the role of who is signed in may not
        LightRefused 507       exposure or gain that a camera does not take
        ChangeNotConfirmed 654 the code that was shown was not typed: nothing was changed
        ChangeNotLive 655      a key that is taken at a start alone
        ChangeNotWritten 656   the candidate of a station file cannot be written, or not now
        ChangeTakenBack 657    nothing waits to be confirmed: it was taken back, or never was
        NotTakenAlong 658      a file did not get out of the box, by stick or by cable
        PartsPass 659          what is not done while parts pass
        BoxRefused 668         what the box itself would not do
        NothingSeen 669        no frame of that view that could be shown
      AccessError 660          who may do what: the base of these
        AccountsUnreadable 661 the file of accounts is damaged, or others may touch it
        AccountsNotWritten 662 it cannot be written: a full disk, no right, another program
        AccountUnfit 663       a name, PIN or badge that no account can have
        AccountRefused 664     a change of accounts that is not made
        AccessDenied 665       a role that may not do that
        FirstCodeRefused 666   the one-time code of the first start: wrong, spent or too late
        TlsError 667           the box's own CA or certificate cannot be used or made
      ScreenPortTaken 670      the screen cannot be served where the station file says
      PackageUnfit 671         a package that is missing, broken, or of a version nobody has tried
      ScreenUnasked 672        what came to the screen is no request that it knows
      MapUnplaced 673          where a heat map lies on its picture is not known any more
      PatchBankUnusable 642    a file that holds no patches of good parts, or damaged ones
      WhyUnknown 643           why a part was judged so cannot be shown, and what for
      WhyUnanswered 644        what works that out did not answer, or ended
      SignInRefused 674        nobody was signed in: wrong, or too early after one that was
      ClockWrong 675           the clock of the box: its date, who keeps it, its battery
      ReviewMoved 676          the station file was edited since its difference was shown
      DiskUnfit 677            a folder that takes no file, or not for long
      DeviceRefused 678        a device that is not there, or that this user may not open
      TimingRefused 679        what makes parts late on this box
      TeachError 700           images, or weights, from which no engine can be taught
      ScoresError 710          scores from which no limits follow
      BuildError 720           an engine that cannot be built as asked
        PartsKnown 314         good parts that the model has by heart: no limits follow from them
      BoxNotBuilt 721          an image of a box that cannot be built as asked
        BoxToolFailed 722      a program that it takes is not here, or failed
        BoxProgramUnfit 723    what is to go into it as the program is none
        BoxTooLarge 724        the root does not fit into its slot
        BoxKeyRefused 725      a key or certificate that RAUC does not sign with
      ReviewError 315          labels of a review from which no limits follow
      StationNotMade 387      what a new station was asked to be, and cannot
      PicturesUnfit 646        pictures of good and bad parts from which no limits follow
      MeasureRefused 647       pictures, or a gauge, that cannot be measured as asked
      RuleLimitsUnknown 648    rules for which no limits follow from the pictures
      PartsToReview 617        parts of a station that cannot be reviewed
      NoLimitsFollow 618       what was said of reviewed parts leads to no limits worth anything
      LimitsNotApplied 635     limits that did not get into a station file
      NothingToUndo 636        limits that cannot be taken back
      CalibrationError 730     pictures from which no scale follows
        CalibrationFileError 731  a calibration file that cannot be used for this view
      FlashError 690           no station could be written onto a disk as asked
        FlashUsage 691         options that do not go together
        FlashRefused 692       something on this machine, or a question, was not as it must be
          FlashToolMissing 693 a program of the system that it needs
          FlashNoRoom 694      no space to unpack the image
          FlashLineRuns 695    parts flow at that station
          FlashNotConfirmed 696  the last four of the serial number were not typed
          FlashOlder 697       an image that is older than what the station runs
          FlashLogUnwritable 713  no log can be written where it was asked for
          ImageGone 702        an image file that is not there, or went away
          TargetUnfit 703      a disk that is too small, write-protected, or holds something else
          SlotRefused 714      a slot that must stay as it is
        ImageUntrusted 698     nobody whom the keyring names has signed it
        ImageUnfit 699         of another product, or another kind of box
        ImageDamaged 701       bytes of it are missing, added or changed
        TargetAbsent 704       a disk that is not there
        TargetBusy 705         a disk that is mounted, or that another program holds
        DiskFailed 706         a disk that does not take a write, or does not give a read
        VerifyFailed 707       what was read back is not what was written
        DiskLies 708           a disk that is smaller than it says
        StationUnhealthy 709   it started, and does not inspect
        StationSilent 711      it says nothing
        FlashInterrupted 712   somebody stopped it
        BspUnfit 715           a folder that is no BSP of NVIDIA's, or not one for that image
        BoardAbsent 716        no Jetson in recovery mode, or more than one
        BspToolFailed 717      NVIDIA's own flashing tool ended with an error
          BspToolSilent 718    it said nothing any more, and was ended
        BoardStays 719         a Jetson that is in recovery mode after it was written
      UpdateError 741          this box was not updated as asked
        UpdateRefused 742      an image that it does not take now
          UpdateSame 743       the version that it runs already
          UpdateStartRefused 750  a start that was asked for otherwise than by the console, or late
        UpdateBusy 744         another update is under way
        UpdateNotWritten 745   RAUC did not write it, or did not switch to it
        UpdateNotKept 746      how far it is cannot be kept, or read
        UpdateNoRoom 747       no room for the image of the server
        UpdateServerAway 748   the server is not there, too slow, or busy
        UpdateServerRefused 749  it refuses this box, or says what nobody understands
        DownloadFailed 726     what came is not what the server names
        UpdateSettingsWrong 727  the file that names the server, or its token, cannot be used
        UpdateStartNotTaken 751  the updater did not begin what the console asked for
        StickGone 728          a stick that was pulled, or cannot be read
        StickStationUnfit 729  a station on a stick that this box does not take
      OutputError 740          a file that a command was to write, and cannot
      ReleaseError 680         the file of a release (.gnr) that cannot be used
        ReleaseCut 681         its end is missing
        ReleaseDamaged 682     bytes were added or changed
        ReleaseUntrusted 683   nobody whom this box trusts has signed it
        ReleaseRevoked 684     signed with a key that was taken back
        ReleaseExpired 685     its time is over
        ReleaseTooNew 686      of a format that a newer gonogo reads
        ReleaseOther 687       another product's, another kind of file, or for another box
        ReleaseManifestError 688  a manifest that says what it must not
      ReleaseNotBuilt 246      a release that cannot be built as asked
        ReleaseToolMissing 247 a program that builds it is not there
        WheelMissing 248       a wheel that it needs is not there, or nobody could be asked
        ReleaseNotWritten 249  no room or no right where it is to be written
      FieldToolOnly 689        what the field tool has not, as it judges no parts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class GonogoError(Exception):
    """Base of all errors of the project; `code` is its number in docs/error-codes.md.

    `exit_code` of a command that ends on it: 1 where a person has to mend it, 2 where starting
    again may. `wrong_file`: the station file itself says what cannot be.
    """

    code: ClassVar[int] = 100
    exit_code: ClassVar[int] = 1
    wrong_file: ClassVar[bool] = False

    @property
    def start_code(self) -> int:
        """Exit code of a station that ends on it; a service is started again on 2 alone.

        1 of a wrong station file. What is not there may come by itself, and so may a station file
        that cannot be read.
        """
        return 1 if self.wrong_file and not isinstance(self.__cause__, OSError) else 2

    def __str__(self) -> str:
        return f"GN{self.code}: {super().__str__()}"


class StationFileError(GonogoError, ValueError):
    """The station file; the message holds every finding, one a line."""

    code = 110
    wrong_file = True


class UnknownDriver(GonogoError, LookupError):
    """A driver name that no table holds."""

    code = 120
    wrong_file = True


class MissingExtra(GonogoError, ImportError):
    """A driver whose package is not installed; the message names the extra."""

    code = 121
    wrong_file = True


class NotSimulated(GonogoError, ValueError):
    """A PLC or a photo-eye that the PLC simulator cannot stand for."""

    code = 122


class CameraError(GonogoError, OSError):
    """A camera cannot be opened or has failed."""

    code = 200


class FrameTimeout(CameraError, TimeoutError):
    """No frame before its time."""

    code = 201


class FrameInvalid(CameraError, ValueError):
    """A frame arrived that cannot be trusted."""

    code = 202


class CameraHeld(CameraError):
    """A camera that another client controls."""

    code = 203


class CameraLinkError(CameraError):
    """What this box, or the way to it, does not allow: packets, memory, a rate, a subnet."""

    code = 204


class ImageFileError(GonogoError, ValueError):
    """An image file that no camera can replay."""

    code = 210


class TrustFileError(GonogoError, ValueError):
    """The file with what a view has learnt of good pictures cannot be used, or not be written."""

    code = 220


class TrustLearnError(GonogoError, ValueError):
    """Pictures from which a view cannot learn which frames to trust."""

    code = 221


class OpticsWarning(GonogoError):
    """Dead pixels or dust, seen over many parts: a person should see to it; no part is judged."""

    code = 222


class GpioError(GonogoError, OSError):
    """A GPIO chip cannot be asked, or does not give a line as a trigger or an ejector wants it."""

    code = 230


class GpioAbsent(GpioError, LookupError):
    """A chip or line that is not there."""

    code = 231


class GpioHeld(GpioError):
    """A line that another program has."""

    code = 232


class GpioNotPermitted(GpioError, PermissionError):
    """A chip that this user may not open."""

    code = 233


class BoardWarm(GonogoError):
    """The box is warm, or its chip is slowed down: a person should see to it; nothing ends."""

    code = 240


class BoardHot(GonogoError):
    """The box is too hot for its engine: the rules judge until it is cooler."""

    code = 241


class JetsonStatsSilent(GonogoError, ConnectionError):
    """jetson-stats is installed, and its service does not answer."""

    code = 242


class BoardZoneUnknown(GonogoError, LookupError):
    """A zone of temperature that this box does not have."""

    code = 243


class ModelError(GonogoError, ValueError):
    """A model file that cannot judge parts."""

    code = 300


class NotProven(ModelError):
    """No INT8 form of a model ranks parts as its FP32 form does; the message has the table."""

    code = 301


class OtherFormat(ModelError):
    """A file that is no ONNX model, or not a whole one."""

    code = 302


class RoomShort(ModelError):
    """Building from a model takes more memory than this box has left."""

    code = 303


class BatchBaked(ModelError):
    """A model that judges several images at once, and cannot be made to judge one."""

    code = 304


class OtherKind(ModelError):
    """A model of another kind than those for parts, or outputs that may be read in two ways."""

    code = 305


class ClassesUnsaid(ModelError):
    """Which classes of a model are defects, or which one is good, is not told."""

    code = 306


class ReferenceDiffers(ModelError):
    """A model that, as it is built, does not score pictures as its training tool did."""

    code = 307


class ReferenceUnusable(ModelError):
    """A table of the training tool's own scores, or its pictures, that are of no use."""

    code = 308


class BudgetSpent(NotProven):
    """No INT8 form was proven in the time that was given to the search."""

    code = 313


class Mend(NamedTuple):
    """An option that may mend it, as it is typed: `value` is empty for a flag; what it does."""

    option: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.option} {self.value}".rstrip()


class WeakModel(ModelError):
    """An FP32 model that does not tell good parts from bad ones; `mends` are options for it.

    `reason`: the message without their list.
    """

    code = 309

    def __init__(self, reason: str, mends: Sequence[Mend] = ()) -> None:
        super().__init__(reason + "".join(f"\n  {mend}: {mend.effect}" for mend in mends))
        self.reason, self.mends = reason, tuple(mends)


class BackendError(GonogoError, RuntimeError):
    """An inference backend failed."""

    code = 310


class AcceleratorLost(BackendError):
    """The device behind a backend is gone: its process ends, and does not try again."""

    code = 312


class CudaError(BackendError):
    """CUDA refused a call; `cuda_code` is its own number (cuda.h, CUresult), -1 for none."""

    code = 360

    def __init__(self, text: str, cuda_code: int = -1) -> None:
        super().__init__(text)
        self.cuda_code = cuda_code


class CudaDriverAbsent(CudaError):
    """No NVIDIA driver, or a library that only stands in for it."""

    code = 361


class CudaDriverTooOld(CudaError):
    """A driver that the installed libraries do not run on."""

    code = 362


class CudaDeviceAbsent(CudaError):
    """A driver without a device that this user may open."""

    code = 363


class CudaMemoryFull(CudaError):
    """No memory left on the device."""

    code = 364


class TensorRtMissing(BackendError, ImportError):
    """TensorRT cannot be imported, with its own words; or it has not what is needed of it."""

    code = 370


class TensorRtVersion(BackendError):
    """A TensorRT older or newer than those that this gonogo was written for."""

    code = 371


class LayersUnsupported(ModelError):
    """TensorRT's parser refuses the model; the message names each layer and why."""

    code = 372


class PlanNotBuilt(ModelError):
    """TensorRT's builder gives no plan; the message has what it said."""

    code = 373


class TensorRtRefused(BackendError):
    """A call that TensorRT answers with None, False or a list of names."""

    code = 374


class PlanRefused(BackendError):
    """A plan that TensorRT does not take, though it was built by it on this box a moment ago."""

    code = 375


class PlanMismatch(ModelError):
    """A plan whose inputs and outputs are not those of its model."""

    code = 376


class EngineTimeout(GonogoError, TimeoutError):
    """An engine did not get ready, or did not answer, in time."""

    code = 311


class BundleError(GonogoError, ValueError):
    """A bundle file that cannot be used; never anything else from reading one."""

    code = 320


class BundleDamaged(BundleError):
    """Bytes are missing, added or changed."""

    code = 321


class BundleManifestError(BundleError):
    """A manifest that says what it must not."""

    code = 322


class BundleUntrusted(BundleError):
    """Unsigned, or signed by somebody whom this box does not trust."""

    code = 323


class BundleExpired(BundleError):
    """Its time is over, or has not come."""

    code = 324


class BundleTooNew(BundleError):
    """It wants a newer gonogo than this one."""

    code = 325


class BundleTooLarge(BundleError):
    """Larger than the format or this box allows, in the file or in memory."""

    code = 326


class EngineNotThere(ModelError):
    """A start waits for an engine: its file, card or bundle is not there, or not whole yet."""

    code = 327


class FileNotThere(GonogoError, OSError):
    """A start waits for another file or folder that the station file names."""

    code = 328


class MountNotThere(GonogoError, OSError):
    """A start waits for a disk below which something lies that the station file names."""

    code = 329


class KeyFileError(GonogoError, ValueError):
    """A key file that cannot be used or written."""

    code = 330


class RegistryError(GonogoError, OSError):
    """The folder of installed engines cannot be read, written or had for oneself."""

    code = 340


class RegistryFull(RegistryError):
    """No room for another engine."""

    code = 341


class EngineNotInstalled(RegistryError, LookupError):
    """An engine or a version of it that is not there."""

    code = 342


class EngineInUse(RegistryError):
    """An engine that must stay: the active one, the one before it, or another of that version."""

    code = 343


class EngineChangeError(GonogoError, RuntimeError):
    """An exchange of engines that cannot be had now; what judges stays."""

    code = 350


class LoadHung(EngineChangeError, TimeoutError):
    """An engine that was not checked and loaded within its time."""

    code = 351


class HostLost(EngineChangeError):
    """The engine process that loaded it, or had loaded it, ended."""

    code = 352


class ShadowMissing(EngineChangeError):
    """It has not judged enough parts in shadow to be activated."""

    code = 353


class SwitchRefused(EngineChangeError):
    """The line did not change to it: it scored no live frame in time."""

    code = 354


class EngineWentBack(EngineChangeError):
    """It judged, disappointed, and the former one judges again."""

    code = 355


class LoaderRestarted(EngineChangeError):
    """The loader ended on the way; what it was doing is given up."""

    code = 356


class HailoMissing(MissingExtra):
    """What backend 'hailo' needs is not there: HailoRT is not installed."""

    code = 380


class HailoVersionError(HailoMissing):
    """Package, library, driver and firmware of HailoRT are of different releases."""

    code = 381


class HailoNumpyError(HailoMissing):
    """HailoRT is made for another numpy than the one that is installed."""

    code = 382


class HailoNoChip(HailoMissing):
    """No Hailo chip is found."""

    code = 383


class HailoTaken(HailoMissing):
    """Another process has the chip."""

    code = 384


class HefError(ModelError):
    """A HEF that this chip, or this station, does not take."""

    code = 385


class HailoFailed(BackendError):
    """HailoRT failed in a way that has no number of its own."""

    code = 386


class LinkError(GonogoError, ConnectionError):
    """The PLC link failed."""

    code = 400


class LinkRefused(LinkError):
    """The PLC answered and said no; `reply` is the exception code of a Modbus PLC, or 0."""

    code = 401
    reply: int = 0


class LinkSilent(LinkError, TimeoutError):
    """The PLC did not answer in time."""

    code = 402


class ProbeRefused(LinkError):
    """A PLC that cannot be tried by hand now."""

    code = 403


class AnotherDevice(LinkError):
    """Another device writes the station's words in the PLC."""

    code = 404


class HostUnknown(LinkError):
    """A host name that leads nowhere, or not in time."""

    code = 405


class PortNotPermitted(LinkError, PermissionError):
    """A port below 1024, and no right to serve such ones."""

    code = 411


class PortInUse(GonogoError, OSError):
    """A port that another program holds."""

    code = 410


class EjectorFault(LinkError):
    """The station's own ejector does not do what it is told; FAULT stands until it is cleared."""

    code = 420


class SegmentError(GonogoError, OSError):
    """Shared memory cannot be made or mapped."""

    code = 500
    exit_code = 2


class StationRunning(SegmentError):
    """A second instance of one station."""

    code = 501


class RuntimeDirError(SegmentError):
    """The private directory for all that carries authority cannot be had."""

    code = 502


class ForeignMemory(SegmentError):
    """Somebody else made it, or may touch it: nothing in it is trusted."""

    code = 503


class NoFence(GonogoError, RuntimeError):
    """Nothing keeps the order of shared memory on this box: no process of a station may run."""

    code = 505


class FenceBroken(GonogoError, RuntimeError):
    """What is to keep the order of shared memory did not, in a run that tried it."""

    code = 506


class ProcessFailed(GonogoError, RuntimeError):
    """A process of the station ended on its own."""

    code = 510


class WatchdogError(GonogoError, OSError):
    """The hardware watchdog cannot be had."""

    code = 520


class FaultError(GonogoError, ValueError):
    """A fault that cannot be injected as asked."""

    code = 530


class ControlError(GonogoError, RuntimeError):
    """A command that the running station did not take."""

    code = 540


class OutputRefused(ControlError):
    """An output that is not forced: without test mode, for too long, or not that one at all."""

    code = 508


class MasterPartRefused(ControlError):
    """The station cannot be shown a part that is known to be good or bad now."""

    code = 541


class MasterPartFileError(GonogoError, ValueError):
    """What is kept of the gates of master parts: unreadable, damaged, edited, or a newer one."""

    code = 550


class RecordsError(GonogoError, RuntimeError):
    """The traceability database."""

    code = 600


class RecordsUnreadable(RecordsError):
    """It cannot be read, or does not hold what was asked for."""

    code = 601


class RecordsBusy(RecordsError):
    """Another program holds it; it is tried again."""

    code = 602


class RecordsDamaged(RecordsError):
    """It is damaged, or no database at all; it is set aside whole, and a new one begun."""

    code = 603


class RecordsLeft(RecordsError):
    """A run ended before all of its rows were written; the message says where they are."""

    code = 604


class RecordsNewer(RecordsError):
    """A newer gonogo wrote it: it is left as it is, and nothing is written into it."""

    code = 605


class NoSuchPart(RecordsError, LookupError):
    """No part has that number, or none at that time; the message says what there is."""

    code = 606


class ParquetMissing(RecordsError):
    """No Parquet file can be written: the package that writes them is not installed."""

    code = 607


class DriftStateError(RecordsError):
    """What is kept of the charts of drift cannot be used: they are LEARNING anew."""

    code = 615


class DriftWarning(RecordsError):
    """A chart of drift left its limits: a warning alone, nothing ends on it."""

    code = 616


class DispositionsError(RecordsError):
    """The file of what people said of parts cannot be used: no such database, or not ours."""

    code = 631


class DispositionsDamaged(DispositionsError):
    """It is damaged: nothing is written into it, and nothing sets it aside; it cannot be redone."""

    code = 632


class DispositionsNewer(DispositionsError):
    """A newer gonogo wrote it: it is left as it is."""

    code = 633


class DispositionsHeld(DispositionsError):
    """It takes no row now: a full or read-only disk, no right to write, a held lock."""

    code = 634


class DispositionRefused(GonogoError, RuntimeError):
    """Somebody said something of that part that was not seen; the message says who and when."""

    code = 613


class DispositionUnfit(GonogoError, ValueError):
    """A word that does not fit the verdict, its reason code or the person; says what would."""

    code = 614


class ExportError(GonogoError, RuntimeError):
    """No pictures can be exported as asked; the message says what would fit."""

    code = 619


class ExportTaken(ExportError):
    """The folder of an export holds something else; nothing in it was touched."""

    code = 638


class ExportNoRoom(ExportError):
    """Not enough space for it; the message says what is needed and what there is."""

    code = 639


class ExportNotWritten(ExportError):
    """It was broken off by its disk; the same call goes on."""

    code = 640


class ExportChanged(ExportError):
    """A finished export of which a file is not as it was written."""

    code = 641


class DriftRefused(RecordsError):
    """A reference of the charts of drift that cannot be begun anew as asked."""

    code = 628


class DriftBehind(RecordsError):
    """The charts of drift are behind the records: a warning alone, nothing ends on it."""

    code = 629


class DriftOdd(RecordsError):
    """Scores or embeddings that no chart of drift can take: a warning alone."""

    code = 645


class LogError(GonogoError, OSError):
    """The log that a station keeps of its messages."""

    code = 610


class LogUnreadable(LogError):
    """It cannot be read, or none is kept."""

    code = 611


class LogUnwritable(LogError):
    """It cannot be written; messages go to stderr alone meanwhile."""

    code = 612


class PicturesMissed(GonogoError):
    """Parts without the picture that they should have, counted; rows and verdicts go on."""

    code = 620


class PicturesNotWritten(PicturesMissed, OSError):
    """The folder of pictures takes none: full, read-only, or all that is kept there is held."""

    code = 621


class RingShort(GonogoError, ValueError):
    """A frame may be overwritten before it is copied for its picture; `gonogo check` says so."""

    code = 622


class LotUnfit(GonogoError, ValueError):
    """A name that no lot can have; the lot before goes on."""

    code = 623


class LotNotKept(GonogoError, OSError):
    """Which lot begins cannot be written down; the lot before goes on."""

    code = 624


class AuditError(GonogoError, OSError):
    """The audit trail cannot be read."""

    code = 625


class AuditBroken(AuditError):
    """The audit trail is not as it was written; the message names the first broken row."""

    code = 626


class AuditNotWritten(AuditError):
    """A change that goes on without a row in the audit trail: no space, no right, a held lock."""

    code = 627


class MetricsPortTaken(GonogoError, OSError):
    """The figures cannot be served where the station file says; the station runs on."""

    code = 630


class ConsoleError(GonogoError):
    """What the technician's console could not do."""

    code = 650


class ConsolePortError(ConsoleError, OSError):
    """The console's port is missing, taken, not permitted or gone."""

    code = 651


class CommandUnknown(ConsoleError, ValueError):
    """A line that is no command of the console, or lacks something."""

    code = 652


class CommandDenied(ConsoleError, PermissionError):
    """A command that the role of who is signed in may not give."""

    code = 653


class ChangeNotConfirmed(ConsoleError):
    """A change without the code that was shown: nothing was changed."""

    code = 654


class LightRefused(ConsoleError):
    """Exposure or gain that a camera does not take: nothing was changed, or it was taken back."""

    code = 507


class ChangeNotLive(ConsoleError):
    """A key of the station file that no process takes while parts pass."""

    code = 655


class ChangeNotWritten(ConsoleError, OSError):
    """The candidate of a station file cannot be written, or another one is on trial."""

    code = 656


class ChangeTakenBack(ConsoleError):
    """Nothing waits to be confirmed: it was taken back already, or there was nothing."""

    code = 657


class NotTakenAlong(ConsoleError, OSError):
    """A file that did not get out of the box: no stick, no room on it, no receiver."""

    code = 658


class PartsPass(ConsoleError):
    """What is not done while parts pass: nothing was begun."""

    code = 659


class BoxRefused(ConsoleError, OSError):
    """What the operating system of the box would not do."""

    code = 668


class NothingSeen(ConsoleError, LookupError):
    """A view of which there is no frame that could be shown."""

    code = 669


class AccessError(GonogoError):
    """Who may do what at a station: the base of these errors."""

    code = 660


class AccountsUnreadable(AccessError, OSError):
    """The file of accounts is damaged, or others may touch it: nobody signs in."""

    code = 661


class AccountsNotWritten(AccessError, OSError):
    """A change of accounts that could not be written; the file is as it was."""

    code = 662


class AccountUnfit(AccessError, ValueError):
    """A name, PIN or badge that no account can have."""

    code = 663


class AccountRefused(AccessError, ValueError):
    """A change of accounts that is not made: a name that is taken, the last security account."""

    code = 664


class AccessDenied(AccessError, PermissionError):
    """A role that may not do what it asked for."""

    code = 665


class FirstCodeRefused(AccessError, PermissionError):
    """The one-time code of the first start: wrong, spent, too late, or there are accounts."""

    code = 666


class TlsError(AccessError, OSError):
    """The box's own CA or certificate cannot be used or made."""

    code = 667


class ScreenPortTaken(GonogoError, OSError):
    """The screen cannot be served where the station file says; the station runs on."""

    code = 670


class PackageUnfit(GonogoError, ImportError):
    """A package that is missing, cannot be imported, or is of a version nobody has tried."""

    code = 671


class ScreenUnasked(GonogoError, ValueError):
    """What came to the screen is no request that it knows; nothing was done."""

    code = 672


class MapUnplaced(GonogoError, LookupError):
    """Where a heat map lies on its picture is not known any more; none is shown."""

    code = 673


class SignInRefused(GonogoError, PermissionError):
    """Nobody was signed in: name or PIN is wrong, or it was too early after one that was."""

    code = 674


class ClockWrong(GonogoError):
    """The clock of the box: its date, who keeps it, its battery."""

    code = 675


class ReviewMoved(GonogoError, RuntimeError):
    """What somebody agreed to on the limits page is not what would be written now."""

    code = 676


class DiskUnfit(GonogoError, OSError):
    """A folder that takes no file, or not for long: no right, read-only, full, elsewhere."""

    code = 677


class DeviceRefused(GonogoError, OSError):
    """A device of a station that is not there, or that this user may not open."""

    code = 678


class TimingRefused(GonogoError):
    """What makes parts late on this box: no rank, slow clocks, one core, heat."""

    code = 679


class PatchBankUnusable(GonogoError, ValueError):
    """A file that holds no patches of good parts, or damaged ones; parts are judged as ever."""

    code = 642


class WhyUnknown(GonogoError, LookupError):
    """Why a part was judged so cannot be shown: its picture, engine or patches are not here."""

    code = 643


class WhyUnanswered(GonogoError, TimeoutError):
    """What works out why did not answer in time, or ended; nothing else waits for it."""

    code = 644


class TeachError(GonogoError, ValueError):
    """Images, or weights, from which no engine can be taught."""

    code = 700


class ScoresError(GonogoError, ValueError):
    """Scores from which no limits follow."""

    code = 710


class BuildError(GonogoError, ValueError):
    """An engine that cannot be built as asked: images, options, output or work folder."""

    code = 720


class BoxNotBuilt(GonogoError, ValueError):
    """An image of a box that cannot be built as asked: no root, no folder, an odd version."""

    code = 721


class BoxToolFailed(BoxNotBuilt, OSError):
    """A program of others that an image takes is not here, or failed; the message has its words."""

    code = 722


class BoxProgramUnfit(BoxNotBuilt):
    """What is to go into an image as the program is neither a tree nor an image of one."""

    code = 723


class BoxTooLarge(BoxNotBuilt):
    """The root of a box does not fit into its slot."""

    code = 724


class BoxKeyRefused(BoxNotBuilt):
    """A key or certificate that RAUC does not sign a flash image with."""

    code = 725


class PartsKnown(BuildError):
    """Good parts that the model was made from and has by heart: no limits follow from them."""

    code = 314


class ReviewError(GonogoError, ValueError):
    """A review from which no limits follow: of another engine, not all labelled, a picture gone."""

    code = 315


class PicturesUnfit(GonogoError, ValueError):
    """Pictures of good and bad parts that no limits follow from: too few, or the same in both."""

    code = 646


class StationNotMade(GonogoError, ValueError):
    """What `gonogo new` was asked for cannot be: a name, a file that is there, a PLC."""

    code = 387


class MeasureRefused(GonogoError, ValueError):
    """What `gonogo measure` was asked for: a rule or picture that is not there, an odd gauge."""

    code = 647


class RuleLimitsUnknown(GonogoError, ValueError):
    """Rules for which no limits follow; the message names all of them, and what to do."""

    code = 648


class PartsToReview(GonogoError, LookupError):
    """Too few parts of the engine in service, or a view without one: nothing to review."""

    code = 617


class NoLimitsFollow(GonogoError, ValueError):
    """What was said of reviewed parts leads to no limits worth anything; says what to do."""

    code = 618


class LimitsNotApplied(GonogoError, ValueError):
    """Limits that did not get into a station file, which is as it was, or into a new bundle."""

    code = 635


class NothingToUndo(GonogoError, LookupError):
    """No limits were applied to a station file, or it was edited since."""

    code = 636


class CalibrationError(GonogoError, ValueError):
    """Pictures of a board or a gauge from which no scale follows."""

    code = 730


class CalibrationFileError(CalibrationError):
    """A calibration file that is not whole, or not for frames like these."""

    code = 731


class UpdateError(GonogoError, RuntimeError):
    """This box was not updated as asked."""

    code = 741


class UpdateRefused(UpdateError):
    """An image that this box does not take now: older, or while nothing waits to be switched."""

    code = 742


class UpdateSame(UpdateRefused):
    """The version that this box runs already."""

    code = 743


class UpdateStartRefused(UpdateRefused):
    """A request to start an update that is none, is too old, or means another one."""

    code = 750


class UpdateStartNotTaken(UpdateError):
    """What the console asked for was not begun: not left, not taken, or taken back."""

    code = 751


class UpdateBusy(UpdateError):
    """Another update is under way on this box."""

    code = 744
    exit_code = 2


class UpdateNotWritten(UpdateError, OSError):
    """RAUC did not write the image, or did not switch to it; the message has its words."""

    code = 745


class UpdateNotKept(UpdateError, OSError):
    """How far an update is cannot be kept on the data partition, or read there."""

    code = 746


class UpdateNoRoom(UpdateError, OSError):
    """The data partition has no room for what the server sends."""

    code = 747


class UpdateServerAway(UpdateError, OSError):
    """The update server is not there, too slow, or busy; asked again later.

    `wait_s`: how long it asked to be left alone; 0 where it said nothing of that.
    """

    code = 748
    exit_code = 2
    wait_s: float = 0.0


class UpdateServerRefused(UpdateError, ValueError):
    """The update server refuses this box, or says what nobody understands."""

    code = 749


class DownloadFailed(UpdateError, ValueError):
    """What came from the server is not what it names: another hash, or more bytes."""

    code = 726


class UpdateSettingsWrong(UpdateError, ValueError):
    """The file that names the update server, or its token or CA, cannot be used."""

    code = 727


class StickGone(UpdateError, OSError):
    """A stick that was pulled, or that cannot be read."""

    code = 728


class StickStationUnfit(UpdateError, ValueError):
    """A station on a stick that this box does not take."""

    code = 729


class OutputError(GonogoError, OSError):
    """A file that a command was to write, and cannot."""

    code = 740


class FlashError(GonogoError, RuntimeError):
    """The base of what ends a flash; the exit codes are those of docs/flashing.md."""

    code = 690


class FlashUsage(FlashError, ValueError):
    """Options that do not go together; nothing was looked at."""

    code = 691
    exit_code = 1


class FlashRefused(FlashError):
    """Something is not as it must be before a first byte is written."""

    code = 692
    exit_code = 2


class FlashToolMissing(FlashRefused, LookupError):
    """A program of the system that is not installed; the message has its package."""

    code = 693


class FlashNoRoom(FlashRefused, OSError):
    """Too little space to unpack the image; says how much is needed."""

    code = 694


class FlashLineRuns(FlashRefused):
    """The PLC lets parts flow at the station that is to be written."""

    code = 695


class FlashNotConfirmed(FlashRefused, ValueError):
    """The last four of the serial number were not typed."""

    code = 696


class FlashOlder(FlashRefused, ValueError):
    """An image that is older than what the station runs."""

    code = 697


class ImageUntrusted(FlashError, ValueError):
    """An image that nobody signed whom the keyring names, or by a key that is not valid now."""

    code = 698
    exit_code = 3


class ImageUnfit(FlashError, ValueError):
    """An image of another product, for another kind of box, or without what an empty disk needs."""

    code = 699
    exit_code = 3


class ImageDamaged(FlashError, ValueError):
    """An image whose bytes are missing, added or changed."""

    code = 701
    exit_code = 3


class ImageGone(FlashRefused, OSError):
    """An image file that is not there, cannot be read, or went away while it was."""

    code = 702


class TargetUnfit(FlashRefused, ValueError):
    """A disk that is too small, write-protected, or holds something that is not ours."""

    code = 703


class TargetAbsent(FlashError, LookupError):
    """A disk that is not there, or is no disk."""

    code = 704
    exit_code = 4


class TargetBusy(FlashError, OSError):
    """A disk of the running system, one that is mounted, or that another program holds."""

    code = 705
    exit_code = 4


class DiskFailed(FlashError, OSError):
    """The disk does not take a write, or does not give back a read; says where."""

    code = 706
    exit_code = 5


class VerifyFailed(FlashError, ValueError):
    """What was read back is not what was written."""

    code = 707
    exit_code = 6


class DiskLies(VerifyFailed):
    """A disk that has less room than it says."""

    code = 708


class StationUnhealthy(FlashError):
    """The station started and does not inspect, or went back to the version before."""

    code = 709
    exit_code = 7


class StationSilent(FlashError, TimeoutError):
    """The station said nothing in time."""

    code = 711
    exit_code = 8


class FlashInterrupted(FlashError):
    """Somebody stopped it, or the terminal went; says what is on the disk now."""

    code = 712
    exit_code = 130


class BspUnfit(FlashRefused, ValueError):
    """A folder that is no BSP of NVIDIA's, or whose release or root file system does not fit."""

    code = 715


class BoardAbsent(FlashError, LookupError):
    """No Jetson in recovery mode, more than one, or one of a kind that is not known."""

    code = 716
    exit_code = 4


class BspToolFailed(FlashError, OSError):
    """NVIDIA's flashing tool ended with an error; says how, and its last words."""

    code = 717
    exit_code = 5


class BspToolSilent(BspToolFailed, TimeoutError):
    """NVIDIA's flashing tool said nothing for so long that it was ended."""

    code = 718


class BoardStays(FlashError, OSError):
    """A Jetson that is still in recovery mode after the tool said that it was written."""

    code = 719
    exit_code = 5


class FlashLogUnwritable(FlashRefused, OSError):
    """No log can be written where it was asked for."""

    code = 713


class SlotRefused(FlashRefused, ValueError):
    """A slot that must stay as it is, or to which there is no way back."""

    code = 714


class ReleaseError(GonogoError, ValueError):
    """The file of a release that cannot be used; the base of what can be wrong with one."""

    code = 680


class ReleaseCut(ReleaseError):
    """The end of the file is missing."""

    code = 681


class ReleaseDamaged(ReleaseError):
    """Bytes of the file were added or changed."""

    code = 682


class ReleaseUntrusted(ReleaseError):
    """Nobody whom this box trusts has signed it."""

    code = 683


class ReleaseRevoked(ReleaseUntrusted):
    """Signed with a key that was taken back."""

    code = 684


class ReleaseExpired(ReleaseError):
    """Its time is over."""

    code = 685


class ReleaseTooNew(ReleaseError):
    """Of a format that only a newer gonogo reads."""

    code = 686


class ReleaseOther(ReleaseError):
    """Another product's file, another kind of file, or a release for another box."""

    code = 687


class ReleaseManifestError(ReleaseError):
    """A manifest that says what it must not."""

    code = 688


class ReleaseNotBuilt(GonogoError, ValueError):
    """A release that cannot be built as asked: checkout, target, lock file, options."""

    code = 246


class ReleaseToolMissing(ReleaseNotBuilt):
    """A program that builds a release is not there; the message has the command that brings it."""

    code = 247


class WheelMissing(ReleaseNotBuilt):
    """A wheel that a release needs is not there, is another one, or no index could be asked."""

    code = 248


class ReleaseNotWritten(ReleaseNotBuilt, OSError):
    """No room or no right where a release is to be written; nothing is left there."""

    code = 249


class FieldToolOnly(GonogoError, NotImplementedError):
    """What the field tool has not: engines, and what they judge; a station has it."""

    code = 689
