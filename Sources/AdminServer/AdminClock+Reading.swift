import AdminProtocol
import Engine
import Messaging

extension AdminClock {
    init(_ reading: TimeKeeper.Reading) {
        self.init()
        held = reading.isHeld
        wallMs = reading.wall.milliseconds
        houseMs = reading.house.milliseconds
        leadMs = reading.lead
        reason = reading.problem ?? ""
    }
}
